import type { Tree } from './snapshot.ts';

type Branch = Readonly<Record<string, Tree>>;

/** One line for every difference, each with the old and the new. Empty when nothing changed. */
export function diff(before: Tree, after: Tree, path = ''): string[] {
	if (same(before, after)) return [];
	if (!isBranch(before) || !isBranch(after)) return [`${path}: ${show(before)} -> ${show(after)}`];

	const removed = Object.keys(before).filter((key) => !(key in after));
	const added = Object.keys(after).filter((key) => !(key in before));
	const changes: string[] = [];
	for (const key of removed) {
		const old = before[key] as Tree;
		const heir = added.findIndex((candidate) => same(anonymous(old), anonymous(after[candidate] as Tree)));
		const [successor] = heir === -1 ? [] : added.splice(heir, 1);
		changes.push(
			successor === undefined
				? `${join(path, key)}: removed, was ${show(old)}`
				: `${path}: renamed ${label(key, old)} -> ${label(successor, after[successor] as Tree)}`,
		);
	}
	for (const key of added) changes.push(`${join(path, key)}: added ${show(after[key] as Tree)}`);
	for (const key of Object.keys(before)) {
		if (key in after) changes.push(...diff(before[key] as Tree, after[key] as Tree, join(path, key)));
	}
	return changes;
}

function isBranch(tree: Tree): tree is Branch {
	return typeof tree === 'object' && tree !== null && !Array.isArray(tree);
}

/** What stays of an entry when it is renamed. */
function anonymous(tree: Tree): Tree {
	if (!isBranch(tree)) return tree;
	const { name: _name, key: _key, type, prometheus, ...rest } = tree;
	const family = isBranch(prometheus ?? null) ? { ...(prometheus as Branch), name: null } : (prometheus ?? null);
	// The type of a message is its name, and the only type beside `fields`.
	return { ...rest, type: 'stability' in rest ? null : (type ?? null), prometheus: family };
}

function label(key: string, tree: Tree): string {
	const name = isBranch(tree) ? (tree.name ?? tree.key) : undefined;
	return typeof name === 'string' ? `${key} (${name})` : key;
}

function join(path: string, key: string): string {
	return path === '' ? key : `${path}.${key}`;
}

function same(a: Tree, b: Tree): boolean {
	return canonical(a) === canonical(b);
}

/** Order of keys does not count, order in lists does. */
function canonical(tree: Tree): string {
	return JSON.stringify(tree, (_key, value: Tree) =>
		isBranch(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
	);
}

function show(tree: Tree): string {
	return JSON.stringify(tree);
}
