/** The address of a module that was bundled, with all it imports, to be sent into frames; vite.config.ts makes it. */
declare module "*?frame" {
  const address: string
  // biome-ignore lint/style/noDefaultExport: the form that a bundler gives an address
  export default address
}
