import type { MemoryIoctlProbes, ProgramReport } from '@ingero/probes';

/** What of the host is not watched and why, a line each. */
export function describeHostReports(reports: readonly (ProgramReport & { readonly group: string })[]): string[] {
	return reports
		.filter(({ attached }) => !attached)
		.map(({ group, program, reason = '' }) => `not watched (${group}, ${program}): ${inOneLine(reason)}`);
}

/** One line about how the driver's ioctls are counted, or why they are not. */
export function describeMemoryIoctls({ way, reports }: Pick<MemoryIoctlProbes, 'way' | 'reports'>): string {
	const refused = reports
		.filter(({ attached }) => !attached)
		.map((report) => `${report.way}: ${inOneLine(report.reason)}`);
	const why = refused.length > 0 ? ` (${refused.join('; ')})` : '';
	if (way === undefined) return `ioctls of the NVIDIA driver are not counted${why}`;
	return `ioctls of the NVIDIA driver are counted by ${way}${why}`;
}

function inOneLine(text = ''): string {
	return text.replace(/\s*\n\s*/g, '; ');
}
