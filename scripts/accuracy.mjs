// `npm run bench:accuracy`: the table of docs/accuracy.md, from every labelled recording. See bench/accuracy/README.md.
import '../bench/accuracy/dist/main.js';
