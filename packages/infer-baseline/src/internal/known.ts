/** For the edge of the package: NaN, which keeps the hot path in plain numbers, is null there. */
export function known(value: number): number | null {
	return Number.isNaN(value) ? null : value;
}
