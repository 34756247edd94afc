import { parseArgs } from 'node:util';
import { type CallOptions, type Effort, measureCalls } from './calls/calls';
import { measureLoop } from './calls/loop';
import { measurePieces } from './calls/pieces';
import { measureSites } from './calls/sites';
import { measureDetach } from './detach/detach';
import { machine } from './machine';
import { measureRawRate, measureStepRate } from './rates/rates';
import { type Measured, report } from './report/report';
import { Target } from './target';

const PARTS = ['calls', 'sites', 'pieces', 'loop', 'detach', 'rates'] as const;
type Part = (typeof PARTS)[number];

const USAGE = `npm run bench:probes [-- [--quick|--long] [--json] [--objects FOLDER] [--call NAME]... [PART...]]

Says what probes cost the traced program, over the cost of an empty probe in the same run, how long detaching takes, and what
the agent takes to read. Needs Linux and root. PART: ${PARTS.join(', ')}; all of them when none is named.
--quick           few rounds, for a first look: half a minute
--long            each rate of records for a minute
--json            figures in place of tables
--objects FOLDER  eBPF objects other than those built with @ingero/probes, in folders named by architecture
--call NAME       of the calls only this one, such as launch or step`;

const RAW_PER_SECOND = 1_000_000;
const STEPS_PER_SECOND = 100_000;

interface Extent extends Effort {
	readonly rateSeconds: number;
	readonly perfEvents: boolean;
}

const QUICK: Extent = { rounds: 3, batches: 10, calls: 500, rateSeconds: 2, perfEvents: false };
const NORMAL: Extent = { rounds: 15, batches: 10, calls: 1000, rateSeconds: 10, perfEvents: true };
const LONG: Extent = { ...NORMAL, rateSeconds: 60 };

try {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			quick: { type: 'boolean' },
			long: { type: 'boolean' },
			json: { type: 'boolean' },
			objects: { type: 'string' },
			call: { type: 'string', multiple: true },
			help: { type: 'boolean', short: 'h' },
		},
	});
	const unknown = positionals.find((part) => !PARTS.includes(part as Part));
	if (values.help) console.log(USAGE);
	else if (unknown !== undefined) throw new Error(`no part is called ${unknown}; there are ${PARTS.join(', ')}`);
	else if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('needs Linux and root');
	else {
		const parts = new Set(positionals.length === 0 ? PARTS : (positionals as Part[]));
		const extent = values.quick ? QUICK : values.long ? LONG : NORMAL;
		const measured = await measure(parts, extent, { objectDirectory: values.objects, only: values.call });
		console.log(values.json ? JSON.stringify(measured, undefined, '\t') : report(measured));
	}
} catch (error) {
	console.error(`bench:probes: ${(error as Error).message}`);
	process.exitCode = 2;
}

async function measure(parts: ReadonlySet<Part>, extent: Extent, options: CallOptions): Promise<Measured> {
	await using target = new Target();
	return {
		machine: machine(),
		...(parts.has('calls') && { calls: await measureCalls(target, extent, options) }),
		...(parts.has('sites') && { sites: await measureSites(target, extent) }),
		...(parts.has('pieces') && { pieces: await measurePieces(target, extent) }),
		...(parts.has('loop') && { loop: await measureLoop(target, extent, options) }),
		...(parts.has('detach') && { detach: await measureDetach(target, extent.rounds, extent.perfEvents) }),
		...(parts.has('rates') && {
			rates: [
				await measureRawRate(target, extent.rateSeconds, RAW_PER_SECOND),
				await measureStepRate(target, extent.rateSeconds, STEPS_PER_SECOND, options.objectDirectory),
			],
		}),
	};
}
