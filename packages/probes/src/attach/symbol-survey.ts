import { probedFunctions } from '../functions';
import type { SymbolReport } from './library-probes';

/** What a library's symbols mean to a reader, by name. */
export interface SymbolSurvey {
	readonly probed: readonly string[];
	/** Of the probed ones, those where a hit is slow. */
	readonly stepped: readonly string[];
	/** Exported, and not probed: why. */
	readonly refused: readonly { readonly symbol: string; readonly reason: string }[];
	/** Functions that every library of the family has had for long and this one does not export; per-thread variants come and go. */
	readonly absent: readonly string[];
}

const NAMES = new Set(probedFunctions({ runtime: true, nccl: true }).map(({ name }) => name));

export function surveySymbols(symbols: readonly SymbolReport[]): SymbolSurvey {
	const probed = symbols.filter(({ site, refused }) => site !== undefined && refused === undefined);
	return {
		probed: probed.map(({ symbol }) => symbol),
		stepped: probed.filter(({ site }) => site?.siteClass === 'stepped').map(({ symbol }) => symbol),
		refused: symbols.flatMap(({ symbol, refused }) => (refused === undefined ? [] : [{ symbol, reason: refused }])),
		absent: symbols.filter(({ symbol, exported }) => !exported && NAMES.has(symbol)).map(({ symbol }) => symbol),
	};
}
