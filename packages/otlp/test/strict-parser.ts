/**
 * A strict reader of the Prometheus text format 0.0.4, written from its public description and from nothing of ours.
 * It refuses whatever the description does not allow, and more than scrapers do: families must be contiguous, their
 * HELP and TYPE must come first and once, histograms must be whole.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export interface ParsedSample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface ParsedFamily {
	readonly name: string;
	readonly type: string;
	readonly help: string;
	readonly samples: ParsedSample[];
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Inf)|NaN/y;

class Line {
	#at = 0;
	constructor(readonly text: string) {}

	get atEnd(): boolean {
		return this.#at === this.text.length;
	}

	take(pattern: RegExp, what: string): string {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.text);
		if (found === null) {
			throw this.error(`expected ${what}`);
		}
		this.#at = pattern.lastIndex;
		return found[0];
	}

	tryTake(literal: string): boolean {
		const found = this.text.startsWith(literal, this.#at);
		this.#at += found ? literal.length : 0;
		return found;
	}

	expect(literal: string): void {
		if (!this.tryTake(literal)) {
			throw this.error(`expected ${JSON.stringify(literal)}`);
		}
	}

	/** Text with backslash escapes, up to `end` or the line's end. */
	escaped(end: string | undefined, escapes: Readonly<Record<string, string>>): string {
		let value = '';
		while (!this.atEnd && (end === undefined || this.text[this.#at] !== end)) {
			const character = this.text[this.#at++] ?? '';
			if (character === '\\') {
				const meaning = escapes[this.text[this.#at++] ?? ''];
				if (meaning === undefined) {
					throw this.error('unknown escape');
				}
				value += meaning;
			} else {
				value += character;
			}
		}
		return value;
	}

	error(problem: string): Error {
		return new Error(`${problem} at column ${this.#at} of ${JSON.stringify(this.text)}`);
	}
}

export function parseStrictly(page: string): ParsedFamily[] {
	if (!page.endsWith('\n')) {
		throw new Error('the last line must end with a line feed');
	}
	const families = new Map<string, ParsedFamily>();
	const helps = new Map<string, string>();
	let current: ParsedFamily | undefined;
	for (const text of page.slice(0, -1).split('\n')) {
		const line = new Line(text);
		if (line.tryTake('# HELP ')) {
			const name = line.take(NAME, 'a metric name');
			line.expect(' ');
			if (helps.has(name)) throw line.error('second HELP');
			helps.set(name, line.escaped(undefined, { '\\': '\\', n: '\n' }));
			current = undefined;
		} else if (line.tryTake('# TYPE ')) {
			const name = line.take(NAME, 'a metric name');
			line.expect(' ');
			const type = line.take(/counter|gauge|histogram|summary|untyped/y, 'a type');
			if (!line.atEnd || families.has(name)) throw line.error('second or malformed TYPE');
			const help = helps.get(name);
			if (help === undefined || [...helps.keys()].at(-1) !== name) throw line.error('TYPE without its HELP before it');
			current = { name, type, help, samples: [] };
			families.set(name, current);
		} else if (!line.tryTake('#')) {
			current = addSample(line, current);
		}
	}
	const parsed = [...families.values()];
	parsed.forEach(checkFamily);
	return parsed;
}

function addSample(line: Line, family: ParsedFamily | undefined): ParsedFamily {
	const name = line.take(NAME, 'a metric name');
	const labels: Record<string, string> = {};
	if (line.tryTake('{')) {
		while (!line.tryTake('}')) {
			const label = line.take(LABEL, 'a label name');
			line.expect('="');
			if (label in labels) throw line.error('label given twice');
			labels[label] = line.escaped('"', { '\\': '\\', '"': '"', n: '\n' });
			line.expect('"');
			if (!line.tryTake(',')) {
				line.expect('}');
				break;
			}
		}
	}
	line.expect(' ');
	const number = line.take(NUMBER, 'a number');
	if (!line.atEnd) throw line.error('expected the end of the line');
	const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
	if (family === undefined || !suffixes.some((suffix) => name === family.name + suffix)) {
		throw line.error('sample outside its family');
	}
	family.samples.push({ name, labels, value: Number(number.replace('Inf', 'Infinity')) });
	return family;
}

/** Series, without `le`, must be contiguous and unique; histograms must rise and end in +Inf, which is the count. */
function checkFamily({ name, type, samples }: ParsedFamily): void {
	const fail = (problem: string): never => {
		throw new Error(`${name}: ${problem}`);
	};
	if (samples.length === 0) fail('no samples');
	const keys = samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).sort()]));
	if (new Set(keys).size !== keys.length) fail('two samples of one series');
	if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) fail('counter below 0');
	if (type !== 'histogram') return;
	for (const [series, rows] of Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest))) {
		const buckets = rows.slice(0, -2);
		const [sum, count] = rows.slice(-2);
		const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
		const rising = (values: number[], strictly: boolean) =>
			values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0) || (!strictly && value === values[i - 1]));
		if (buckets.some((row) => row.name !== `${name}_bucket`)) fail(`${series}: buckets must come first`);
		if (sum?.name !== `${name}_sum` || count?.name !== `${name}_count`) fail(`${series}: needs a sum, then a count`);
		if (bounds.at(-1) !== Number.POSITIVE_INFINITY || !rising(bounds, true))
			fail(`${series}: bounds must rise to +Inf`);
		if (
			!rising(
				buckets.map(({ value }) => value),
				false,
			)
		)
			fail(`${series}: buckets must accumulate`);
		if (buckets.at(-1)?.value !== count?.value) fail(`${series}: +Inf must equal the count`);
	}
}
