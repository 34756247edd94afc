// `npm run bench:probes`: what probes cost, and what reading their records takes. See bench/probes/README.md.
import '../bench/probes/dist/main.js';
