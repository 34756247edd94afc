/** The shape of every metric of the contract. */
export interface Metric {
	/** Name on the OTLP wire; for the metrics of the socket's sink, which has no OTLP, the Prometheus name. */
	readonly name: string;
	/**
	 * Counters and histograms are cumulative since their start time, counters only grow. An `updowncounter` is a
	 * non-monotonic cumulative sum.
	 */
	readonly type: 'gauge' | 'counter' | 'updowncounter' | 'histogram';
	/** Type of a point's value; of a histogram, the type of what it observes and sums up. */
	readonly valueType: 'int' | 'double';
	/** Unit as UCUM writes it, e.g. `ns`, `By`, `1`, `{event}`. */
	readonly unit: string;
	/** Keys of the attributes that every point carries. */
	readonly attributes: readonly string[];
	/** Keys of the attributes that a point carries when their value is known. */
	readonly optionalAttributes?: readonly string[];
	/**
	 * The family on the Prometheus page, null when it has none. `labels` are those of `attributes`, in order; the
	 * label of an optional attribute stands in the attribute's own entry.
	 */
	readonly prometheus: {
		readonly name: string;
		readonly type: 'gauge' | 'counter' | 'histogram';
		readonly labels: readonly string[];
	} | null;
	/** Ways the metric leaves the process. */
	readonly channels: readonly ('otlp' | 'prometheus' | 'fleet')[];
	/**
	 * `default` is sent whenever its gate is met, `extension` likewise and new in this implementation. `compat` has the
	 * historic name or attributes, `opt-in` is the standard form behind `--semconv`. `reserved` is never sent, and named
	 * so that nobody else takes the name.
	 */
	readonly status: 'default' | 'extension' | 'compat' | 'opt-in' | 'reserved';
	/** Flag or condition without which the metric is not sent. */
	readonly gate?: string;
	/** Version that introduced the metric: `<=0.10.0` for older, `ts-0.16` for new in this implementation. */
	readonly since: string;
	readonly description: string;
}
