// Imported first by every script. Written so that any Node with modules can read it, and say what is the matter.
if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Stet needs Node 20 or newer to set itself up; this is Node ${process.versions.node}.`)
  console.error("Install a newer Node and put it first on the PATH.")
  process.exit(3)
}
