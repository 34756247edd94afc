/** `0`, `870ns`, `4.2us`, `870us`, `12.3ms`, `1.25s`, `2m5s`: three digits that matter. */
export function formatDuration(ns: number): string {
	if (ns < 1e3) return ns === 0 ? '0' : `${Math.round(ns)}ns`;
	if (ns < 1e6) return `${threeDigits(ns / 1e3)}us`;
	if (ns < 1e9) return `${threeDigits(ns / 1e6)}ms`;
	if (ns < 60e9) return `${threeDigits(ns / 1e9)}s`;
	return `${Math.floor(ns / 60e9)}m${Math.round((ns % 60e9) / 1e9)}s`;
}

export function formatCount(value: number): string {
	return value.toLocaleString('en-US');
}

function threeDigits(value: number): string {
	return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Rows as columns that line up; numbers to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const widths = header.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
	);
	const isNumber = header.map((_, column) => rows.every((row) => /^[-\d.,]*(ns|us|ms|s|x)?$/.test(row[column] ?? '')));
	return [header, ...rows].map((row) =>
		row
			.map((cell, column) => {
				const width = widths[column] as number;
				return isNumber[column] ? cell.padStart(width) : cell.padEnd(width);
			})
			.join('  ')
			.trimEnd(),
	);
}
