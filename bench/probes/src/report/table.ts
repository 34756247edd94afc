/** A Markdown table with aligned columns, to be read as text too. The first column is text, the others are numbers. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], textColumns = 1): string {
	const isText = (column: number) => column < textColumns;
	const widths = header.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${widths.map((width, i) => (isText(i) ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`;
	const rule = `| ${widths.map((width, i) => (isText(i) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
	return [line(header), rule, ...rows.map(line)].join('\n');
}
