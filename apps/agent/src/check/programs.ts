import { HostProbes, ProbeSession, type SelfTestResult, selfTest, type Verdict } from '@ingero/probes';
import { messageOf } from '../errors';
import { type CheckResult, missing, ok, optional } from './result';

/** Loads every eBPF program that a session may use, and attaches those about the host for a moment. */
export function programChecks(): CheckResult[] {
	return [cudaPrograms(), ...hostPrograms()];
}

function cudaPrograms(): CheckResult {
	try {
		new ProbeSession({ memory: true, runtime: true, nccl: true, stacks: true }).close();
		return ok('CUDA programs', 'the kernel takes them');
	} catch (error) {
		return missing('CUDA programs', messageOf(error));
	}
}

function hostPrograms(): CheckResult[] {
	try {
		using probes = new HostProbes();
		const groups = new Set(probes.reports.map(({ group }) => group));
		return [...groups].map((group) => {
			const name = `host: ${group}`;
			const reports = probes.reports.filter((report) => report.group === group);
			const refused = reports.filter(({ attached }) => !attached);
			const attached = reports.length - refused.length;
			if (refused.length === 0) return ok(name, `programs attached: ${attached}`);
			const reasons = refused.map(({ program, reason }) => `${program}: ${reason ?? 'not attached'}`);
			return optional(name, `programs attached: ${attached} of ${reports.length}`, reasons.join('; '));
		});
	} catch (error) {
		return [optional('host', messageOf(error))];
	}
}

/** Tries probes on a process of our own before any other has one. */
export function selfTestChecks(): { readonly result: SelfTestResult | undefined; readonly checks: CheckResult[] } {
	try {
		const result = selfTest();
		return {
			result,
			checks: [
				verdictOf('probes at entries', result.entries, missing),
				verdictOf('probes at returns', result.returns, missing),
				verdictOf('probes on long nops', result.longNops, optional),
			],
		};
	} catch (error) {
		return { result: undefined, checks: [missing('self-test', messageOf(error))] };
	}
}

function verdictOf(name: string, verdict: Verdict, otherwise: typeof missing): CheckResult {
	if (verdict.safe) return ok(name, 'harmless to a process of our own that a seccomp filter watches');
	return otherwise(
		name,
		`harmful: ${verdict.reason}`,
		otherwise === missing
			? 'nothing is traced on this kernel; boot a newer one'
			: 'functions that begin with one are left out',
	);
}
