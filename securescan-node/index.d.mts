export * from './index.js'
import * as securescan from './index.js'
export default securescan
