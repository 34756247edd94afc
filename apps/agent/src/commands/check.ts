import { Command, Option } from 'commander';
import { boolean } from '../config/values';
import { type CheckResult, runChecks } from '../session/checks';

export function checkCommand(): Command {
	return new Command('check')
		.description('say what this machine lets ingero see, and why not')
		.addOption(new Option('--json [boolean]', 'as one JSON object').argParser(boolean))
		.addOption(new Option('--strict [boolean]', 'exit with 1 when something needed is missing').argParser(boolean))
		.action(check);
}

async function check(flags: { readonly json?: boolean; readonly strict?: boolean }): Promise<void> {
	const checks = await runChecks();
	const passed = checks.every((result) => result.status !== 'missing');
	if (flags.json) process.stdout.write(`${JSON.stringify({ all_passed: passed, checks })}\n`);
	else for (const result of checks) process.stdout.write(`${describe(result)}\n`);
	if (flags.strict && !passed) process.exitCode = 1;
}

const MARKS = { ok: '✓', optional: '~', missing: '✗' } as const;

function describe({ name, status, value, advice }: CheckResult): string {
	const line = `${MARKS[status]} ${name.padEnd(22)} ${value}`;
	return advice === undefined ? line : `${line}\n  → ${advice}`;
}
