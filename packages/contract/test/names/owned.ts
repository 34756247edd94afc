import {
	type Attribute,
	attributes,
	enums,
	type Metric,
	messages,
	metrics,
	type ResourceAttribute,
	resourceAttributes,
} from '../../src/index.ts';

/** Names that the contract owns, so that nobody else may spell them. */
export interface OwnedNames {
	/** Long enough to be nothing else: forbidden wherever a string holds them as a word. */
	readonly words: ReadonlySet<string>;
	/** Forbidden as a whole string. */
	readonly strings: ReadonlySet<string>;
	/** Ordinary words among them: forbidden only as the value of a property `type`. */
	readonly messageTypes: ReadonlySet<string>;
}

/**
 * Takes the names of the contract. Keys and causes of a single plain word, such as `pid`, `type` or `late`, mean other
 * things elsewhere and are left out.
 */
export function ownedNames(): OwnedNames {
	const metricNames = Object.values<Metric>(metrics).flatMap(({ name, prometheus }) =>
		[name, prometheus?.name ?? []].flat(),
	);
	const keys = [...Object.values<Attribute>(attributes), ...Object.values<ResourceAttribute>(resourceAttributes)].map(
		({ key }) => key,
	);
	const types = Object.values(messages).flatMap(({ type }) => type ?? []);
	const losses = [...Object.values(enums.lossCauses), ...Object.values(enums.eventFates)].map(({ name }) => name);
	return {
		words: new Set(metricNames),
		strings: new Set([...keys, ...types, ...losses].filter((name) => /[._]/.test(name))),
		messageTypes: new Set(types),
	};
}
