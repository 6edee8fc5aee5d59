/** The part of WebAssembly that the converter uses: TypeScript has it in the browser's library only. */
declare namespace WebAssembly {
  class Memory {
    /** Sizes are pages of 64 KiB. */
    constructor(descriptor: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  /** Nothing of it is used but that it is one. */
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: unknown;
  }
}
