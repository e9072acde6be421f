/** The hidden command that the scripts of `sfpool completion` ask, with the words up to the cursor. */
export const completeCommand = '__complete'

/** Stands in place of suggestions where a file is meant: the shell completes its name. */
export const filesWanted = ':files'
