declare module '*?raw' {
	const text: string;
	export default text;
}

declare const console: { log(...data: unknown[]): void };
