/** How Linux gets past an instruction with a probe on it. */
export type Treatment =
	/** It does the instruction itself, without running it. */
	| 'emulated'
	/** It lets the instruction run alone in a copy, with two more exceptions. */
	| 'stepped'
	/** It refuses, gets it wrong, or we don't know what it is. */
	| 'never';
