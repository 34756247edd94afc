// Loaded before the command line, makes a Node say that it is too old. One that another started with a channel is as it is.
if (process.channel === undefined) {
	Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } });
}
