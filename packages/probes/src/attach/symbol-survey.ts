import { probedFunctions } from '../memory-functions';
import type { SymbolReport } from './library-probes';

/** What a library's symbols mean to a reader, by name. */
export interface SymbolSurvey {
	readonly probed: readonly string[];
	/** Of the probed ones, those where a hit is slow. */
	readonly stepped: readonly string[];
	/** Functions that every driver has had for long and this one does not export; per-thread variants come and go. */
	readonly absent: readonly string[];
}

const NAMES = new Set(probedFunctions(true).map(({ name }) => name));

export function surveySymbols(symbols: readonly SymbolReport[]): SymbolSurvey {
	const probed = symbols.filter(({ site, refused }) => site !== undefined && refused === undefined);
	const absent = symbols.filter(({ symbol, site }) => site === undefined && NAMES.has(symbol));
	return {
		probed: probed.map(({ symbol }) => symbol),
		stepped: probed.filter(({ site }) => site?.siteClass === 'stepped').map(({ symbol }) => symbol),
		absent: absent.map(({ symbol }) => symbol),
	};
}
