/** Ends the process where Node is too old to run anything of this. */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`sfpool needs Node 20.19 or newer; this is ${process.versions.node}`)
  process.exit(2)
}
