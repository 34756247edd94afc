// Loads an object with a ring of some size, and says what became of it. Arguments: object, bytes.
import { BpfObject, features } from '../../../dist/index.js';

const [path, bytes] = process.argv.slice(2);
try {
	using object = BpfObject.open(path, { disable: ['blnt_vary'], maxEntries: { ring: Number(bytes) } });
	object.load();
	console.log(JSON.stringify({ loaded: true }));
} catch ({ code, errnoName, hint }) {
	console.log(JSON.stringify({ code, errnoName, hint, ring: features().ring }));
}
