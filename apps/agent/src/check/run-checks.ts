import { checkTracingPrivileges, readCapabilities, readKernel } from '@ingero/host';
import { gpuChecks } from './gpu';
import { kernelFeatures } from './kernel-features';
import { type LibraryReport, libraryReports } from './libraries';
import { type LossCounter, lossCounters } from './losses';
import { machineChecks, surroundingsChecks } from './machine';
import { programChecks, selfTestChecks } from './programs';
import { type CheckResult, missing, optional } from './result';

/** All that was found. */
export interface CheckReport {
	readonly checks: readonly CheckResult[];
	readonly libraries: readonly LibraryReport[];
	readonly losses: readonly LossCounter[];
}

/** Looks at everything tracing needs, by trying where that is possible. Never throws for what it finds. */
export async function runChecks(options: { readonly allowSteppedSites?: boolean | undefined }): Promise<CheckReport> {
	const kernel = readKernel();
	const losses = lossCounters();
	if (kernel === undefined) {
		const system = `${process.platform} ${process.arch}`;
		const advice = 'tracing needs Linux; replay, queries and analysis work here';
		return { checks: [missing('operating system', system, advice)], libraries: [], losses };
	}
	const machine = machineChecks(kernel);
	const privileges = checkTracingPrivileges({ capabilities: readCapabilities(), kernelVersion: kernel.version });
	const canTry = privileges.canTrace && machine.every(({ status }) => status !== 'missing');
	const selfTest = canTry ? selfTestChecks() : { result: undefined, checks: [notTried('self-test')] };
	const libraries = libraryReports({
		allowStepped: options.allowSteppedSites,
		longNops: selfTest.result?.longNops.safe,
	});
	return {
		checks: [
			...machine,
			...surroundingsChecks(kernel, privileges),
			...kernelFeatures(),
			...(canTry ? programChecks() : [notTried('CUDA programs')]),
			...selfTest.checks,
			...(await gpuChecks()),
		],
		libraries,
		losses,
	};
}

function notTried(name: string): CheckResult {
	return optional(name, 'not tried, for want of what is missing above');
}
