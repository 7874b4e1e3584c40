// node:os as src/ uses it.
export const hostname = (): string => 'here'
export const homedir = (): string => '/home/ada'
export const userInfo = (): { username: string } => ({ username: 'ada' })
