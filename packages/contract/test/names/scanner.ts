import ts from 'typescript';
import type { OwnedNames } from './owned.ts';

export interface Finding {
	readonly file: string;
	/** From 1. */
	readonly line: number;
	/** What looks like a name of the contract: the literal, or a word in it. */
	readonly name: string;
	/** The whole string. */
	readonly literal: string;
}

/** First parts of names that are the contract's to give out, on the OTLP wire and on the Prometheus page. */
const RESERVED = /^(?:ingero|gpu|gen_ai|hw|nccl|system)[._][a-z0-9_]+(?:\.[a-z0-9_]+)*$/;

/** A run of characters that a name or a path may consist of; paths and packages are none of ours. */
const WORD = /[\w.:/@-]+/g;

/** Finds every string literal of a TypeScript source that spells a name of the contract. */
export function scan(file: string, text: string, owned: OwnedNames): Finding[] {
	const findings: Finding[] = [];
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	visit(source);
	return findings;

	function visit(node: ts.Node): void {
		if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
			const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
			for (const name of namesIn(node, owned)) findings.push({ file, line: line + 1, name, literal: node.text });
		}
		ts.forEachChild(node, visit);
	}
}

function namesIn(node: ts.LiteralLikeNode, owned: OwnedNames): readonly string[] {
	if (isSymbolKey(node)) return [];
	if (owned.strings.has(node.text) || isMessageType(node, owned)) return [node.text];
	const words = (node.text.match(WORD) ?? []).map((word) => word.replace(/[.:]+$/, ''));
	return words.filter((word) => owned.words.has(word) || RESERVED.test(word));
}

function isMessageType(node: ts.LiteralLikeNode, owned: OwnedNames): boolean {
	return (
		ts.isPropertyAssignment(node.parent) && node.parent.name.getText() === 'type' && owned.messageTypes.has(node.text)
	);
}

/** Keys of registered symbols tell copies of a package apart and never leave the process. */
function isSymbolKey(node: ts.LiteralLikeNode): boolean {
	return ts.isCallExpression(node.parent) && node.parent.expression.getText() === 'Symbol.for';
}
