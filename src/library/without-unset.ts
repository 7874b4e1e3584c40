/** The compiler tells an option that is not given from one that is given as undefined; a caller need not. */

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

/** The same, without what is undefined. */
export const withoutUnset = <T extends object>(options: T): Given<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>
