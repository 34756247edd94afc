import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors';
import { EMITTABLE, type Emittable } from '../output/ndjson';
import { addInferenceFlags, type InferenceFlags } from './inference';
import { boolean, listOf, pids } from './values';

/** Flags that `trace` and `replay` have in common. */
export interface SessionFlags extends InferenceFlags {
	readonly json?: boolean;
	readonly emit: readonly Emittable[];
	readonly pid?: readonly number[];
	readonly db?: string;
	readonly prometheus?: string;
	readonly capture?: string;
	readonly node?: string;
	readonly cluster: string;
}

export function addSessionFlags(command: Command): Command {
	return addInferenceFlags(command)
		.addOption(
			new Option(
				'--json [boolean]',
				'JSON lines instead of a readable view (default: true with --inference)',
			).argParser(boolean),
		)
		.addOption(
			new Option('--emit <kinds>', 'lines to print: outliers, steps, events; separated by commas')
				.argParser(listOf(EMITTABLE))
				.default(['outliers'], 'outliers'),
		)
		.addOption(new Option('--pid <pids>', 'only these processes; repeat or separate by commas').argParser(pids))
		.option('--db <file>', 'keep steps, outliers and admitted events in this SQLite file')
		.option('--prometheus <address>', 'serve a Prometheus page, such as :9464 (loopback) or 0.0.0.0:9464')
		.option('--capture <file>', 'write every raw event into a recording (.igr)')
		.option('--node <name>', 'name of this node (default: its host name)')
		.option('--cluster <name>', 'name of the cluster', '');
}

/** @throws UsageError for what these commands do not do */
export function requireInference(flags: SessionFlags): void {
	if (flags.inference !== true) {
		throw new UsageError('add --inference: steps, baselines and outliers are what this version watches');
	}
	if (flags.node?.includes(':')) throw new UsageError(`--node ${flags.node}: a node name must not contain a colon`);
	if (flags.db === '') throw new UsageError('--db: give the path of a file');
	if (flags.db !== undefined && flags.capture !== undefined && resolve(flags.db) === resolve(flags.capture)) {
		throw new UsageError(`--db and --capture are both ${flags.db}: give each a file of its own`);
	}
}
