/** The socket on which the agent tells local programs what it found, one JSON object a line. */
export const remediationSocket = {
	/** Version of the messages: within one, stable messages keep their required fields. */
	contractVersion: 1,
	path: '/tmp/ingero-remediate.sock',
	framing: 'ndjson',
	/** Mode of the socket file. */
	mode: 0o700,
	/** Mode once the file belongs to a group of clients. */
	groupMode: 0o770,
	/** That group: `nonroot` of distroless images. Negative: no group. */
	groupId: 65532,
	/** A new client never evicts another; the one over the limit is refused. */
	maxClients: 16,
	/** What waits for a slow client, whichever limit is reached first; the oldest lines go. */
	clientQueueBytes: 1_048_576,
	clientQueueLines: 1024,
	/** A client that takes nothing for so long is disconnected. */
	clientStallMs: 5000,
} as const;

/** The socket on which local programs label their own time. */
export const annotationSocket = {
	path: '/run/ingero/annotate.sock',
	framing: 'ndjson',
	/** Per connection; a line over a limit is refused. */
	limits: {
		lineBytes: 16_384,
		labelsPerAnnotation: 32,
		keyBytes: 64,
		valueBytes: 256,
		perConnectionPerSecond: 1000,
	},
} as const;
