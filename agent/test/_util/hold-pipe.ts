/** Holds a frame pipe open and says where it is, until it is killed as an agent may be. */
import { FramePipe } from '../../src/decoder/frame-pipe.js';

const pipe = await FramePipe.open();
process.stdout.write(`${pipe.path}\n`);
setInterval(() => undefined, 1000);
