// Probes one process until it is killed. Arguments: folder of the eBPF objects, process. Prints a line when probes are on.
import { ProbeSession } from '../../dist/index.js';

const [objectDirectory, pid] = process.argv.slice(2);
const session = new ProbeSession({
	objectDirectory,
	pids: [Number(pid)],
	admission: 1,
	onAttach: ({ type }) => console.log(type),
});
await session.run({ opened: () => {}, completed: () => {}, events: () => {}, processExited: () => {} });
