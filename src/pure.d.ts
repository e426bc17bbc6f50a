/** The few globals that every JavaScript runtime has and that touch nothing: all that the pure core may name beyond the language. */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}
declare function atob(base64: string): string
declare function btoa(binary: string): string
