// node:net as src/ uses it: a socket made of the doorbell's descriptor.
import { onFifo } from './descriptors.ts'

export class Socket {
  readonly #fd: number

  constructor({ fd }: { readonly fd: number }) {
    this.#fd = fd
  }

  on(event: string, listener: () => void): void {
    if (event === 'data') onFifo(this.#fd, listener)
  }
}
