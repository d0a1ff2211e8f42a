export { check, faultsOf, readAs, type Told } from './check.ts'
export { type Fault, type Parsed, parseFile } from './parse.ts'
export { watchedFile } from './watched-file.ts'
export { didYouMean, either, inWords } from './words.ts'
