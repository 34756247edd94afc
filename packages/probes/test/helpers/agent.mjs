// An agent in a process of its own, to be stopped. Argument: the process it watches. Says `ready` when there are probes; on a line
// of input it ends, and says as JSON what it saw.
import { createInterface } from 'node:readline';
import { ProbeSession } from '@ingero/probes';

const pid = Number(process.argv[2]);
const launches = [];
const eventTimes = [];
let clock;

const session = new ProbeSession({
	pids: [pid],
	admission: 1,
	onAttach: ({ type }) => console.log(type === 'attached' ? 'ready' : type),
});
createInterface(process.stdin).once('line', () => session.stop());
await session.run({
	opened: (source) => {
		clock = source.clock;
	},
	completed: (ledger) => launches.push(ledger.launches),
	events: (words, count) => {
		for (let i = 0; i < count; i++) eventTimes.push(clock.relative(words[12 * i], words[12 * i + 1]));
	},
	processExited: () => {},
});
eventTimes.sort((a, b) => a - b);
const gaps = eventTimes.map((time, i) => time - (eventTimes[i - 1] ?? time));
const longestGapNs = gaps.reduce((longest, gap) => Math.max(longest, gap), 0);
const eventsBefore = gaps.indexOf(longestGapNs);
console.log(
	JSON.stringify({
		losses: session.losses(),
		launches,
		longestGapNs,
		eventsBefore,
		eventsAfter: eventTimes.length - eventsBefore,
	}),
);
