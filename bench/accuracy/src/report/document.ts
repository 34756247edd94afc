const BEGIN = '<!-- accuracy: written by `npm run bench:accuracy -- --write` -->';
const END = '<!-- /accuracy -->';

/**
 * The document with `content` between its two markers, in place of what was there.
 *
 * @throws Error when a marker is missing
 */
export function replaceBetweenMarkers(document: string, content: string): string {
	const begin = document.indexOf(BEGIN);
	const end = document.indexOf(END, begin);
	if (begin < 0 || end < 0) throw new Error(`the document lacks ${begin < 0 ? BEGIN : END}`);
	return `${document.slice(0, begin + BEGIN.length)}\n\n${content}\n\n${document.slice(end)}`;
}
