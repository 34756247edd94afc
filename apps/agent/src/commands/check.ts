import { Command, Option } from 'commander';
import { reportJson } from '../check/json';
import { runChecks } from '../check/run-checks';
import { describeReport } from '../check/text';
import { boolean } from '../config/values';

interface CheckFlags {
	readonly json?: boolean;
	readonly sites?: boolean;
	readonly strict?: boolean;
	readonly allowSteppedSites?: boolean;
}

export function checkCommand(): Command {
	return new Command('check')
		.description('say what this machine lets ingero see, and why not')
		.addOption(
			new Option('--json [boolean]', 'as one JSON object, with every function of every library').argParser(boolean),
		)
		.addOption(new Option('--sites [boolean]', 'list every function, and where its probe goes').argParser(boolean))
		.addOption(new Option('--strict [boolean]', 'exit with 1 when something needed is missing').argParser(boolean))
		.addOption(
			new Option('--allow-stepped-sites [boolean]', 'plan as a trace with the same flag would').argParser(boolean),
		)
		.action(check);
}

async function check({ json, sites = false, strict, allowSteppedSites }: CheckFlags): Promise<void> {
	const report = await runChecks({ allowSteppedSites });
	const allPassed = report.checks.every((result) => result.status !== 'missing');
	const lines = json ? [JSON.stringify(reportJson(report, allPassed))] : describeReport(report, { sites });
	process.stdout.write(`${lines.join('\n')}\n`);
	if (strict && !allPassed) process.exitCode = 1;
}
