/**
 * Scalars of the text exposition format 0.0.4.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

/** Shortest decimal that reads back as the same number; whole numbers below 2^53 have no exponent. */
export function formatNumber(value: number): string {
	if (value === Number.POSITIVE_INFINITY) return '+Inf';
	if (value === Number.NEGATIVE_INFINITY) return '-Inf';
	return String(value);
}

/** Help text: the format escapes the backslash and the newline, nothing else. */
export function escapeHelp(text: string): string {
	return text.toWellFormed().replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));
}

/** Label value: also the quote. Half a surrogate pair, which UTF-8 can't carry, becomes U+FFFD. */
export function escapeLabelValue(text: string): string {
	return text.toWellFormed().replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** `name="value",...` without the braces. */
export function formatLabels(labels: readonly (readonly [name: string, value: string])[]): string {
	return labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',');
}

/** One line: name, labels in braces if there are any, value. */
export function sampleLine(name: string, labels: string, value: number): string {
	return labels === '' ? `${name} ${formatNumber(value)}\n` : `${name}{${labels}} ${formatNumber(value)}\n`;
}
