/** Whether the keyboard is a Mac's, as far as the browser tells. */
export const IS_MAC = /Mac|iPhone|iPad/u.test(globalThis.navigator?.platform ?? "")
