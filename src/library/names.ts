/** What may stand for a job, a label, a user: asked of what a person types and of what a program gives. */

/** A job's name: one word, no option, and not what stands for the newest job. */
export const isJobName = (text: string): boolean => /^[^\s\p{Cc}-][^\s\p{Cc}]{0,99}$/u.test(text) && text !== 'last'

export const isLabelKey = (text: string): boolean => /^\w[\w./-]*$/.test(text)

export const isLabelValue = (text: string): boolean => /^[^\p{Cc}]*$/u.test(text)

export const isUserName = (text: string): boolean => /^[^\s\p{Cc}-][^\s\p{Cc}]*$/u.test(text)

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535

/** An id that the caller chose; `last` stands for the newest job. */
export const isChosenId = (text: string): boolean => /^[a-z][a-z0-9]{2,31}$/.test(text) && text !== 'last'

/** An option's name as it is typed, without its dashes. */
export const spellOption = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
