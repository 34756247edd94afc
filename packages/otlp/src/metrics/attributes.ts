import type { Metric } from '@ingero/contract';
import * as attributes from '@ingero/contract/attributes';

type Attribute = (typeof attributes)[keyof typeof attributes];

/** Any attribute key of the contract. */
export type AttributeKey = Attribute['key'];

export type AttributeValue = string | number | boolean;

type ValueTypes = { string: string; int: number; double: number; bool: boolean };

/** TypeScript type of an attribute's value, from the contract's type of it. */
type ValueOf<Key> =
	Extract<Attribute, { key: Key }> extends { type: infer Type extends keyof ValueTypes } ? ValueTypes[Type] : never;

type RequiredKeys<M extends Metric> = M['attributes'][number];
type OptionalKeys<M extends Metric> = M extends { optionalAttributes: readonly (infer Key extends string)[] }
	? Key
	: never;

/**
 * The attributes of one point of the metric `M`: all of its required ones, any of its optional ones, and no other.
 * An optional one that is `undefined` or empty is left out.
 */
export type AttributesOf<M extends Metric> = { readonly [Key in RequiredKeys<M>]: ValueOf<Key> } & {
	readonly [Key in OptionalKeys<M>]?: ValueOf<Key> | undefined;
} & { readonly [Key in Exclude<AttributeKey, RequiredKeys<M> | OptionalKeys<M>>]?: never };

/** Label of each attribute on a Prometheus page; `null` for those that never appear there. */
export const prometheusLabels: ReadonlyMap<string, string | null> = new Map(
	Object.values(attributes).map((attribute) => [attribute.key, attribute.prometheusLabel]),
);
