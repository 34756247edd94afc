/** A baseline that was replaced, because what it described is over. */
export interface BaselineChange {
	/** `shift`: outliers lasted until they were the normal; `drift`: a level crept up with no step that was an outlier. */
	readonly reason: 'shift' | 'drift';
	/** 95th percentile of the work concerned, before. */
	readonly fromP95Ns: number;
	/** The 95th percentile that holds from now on. */
	readonly toP95Ns: number;
	/** Steps behind the new one. */
	readonly samples: number;
}

/** The notice of a {@link BaselineChange}: said once, in the verdict of the step that made it certain. */
export interface BaselineShift extends BaselineChange {
	/** From `newEventId`, as that of an outlier. */
	readonly eventId: string;
}
