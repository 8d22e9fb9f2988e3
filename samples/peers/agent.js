// A Node.js client with a keep-alive agent of at most two connections.
// usage: agent.js COUNT URL: COUNT requests at once, over two connections
//        agent.js race IDLE_MS URL: one request, IDLE_MS of silence, one request;
//                              an answer that failed on a reused connection is asked again
'use strict';
const http = require('http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });

function get(url) {
  return new Promise((done, failed) => {
    const req = http.get(url, { agent }, (res) => {
      res.resume();
      res.on('end', () => done(res.statusCode));
    });
    req.on('error', (error) => {
      if (!req.reusedSocket) return failed(error);
      console.log(`${error.code} on a reused connection: again`);
      done(get(url));
    });
  });
}

async function race(idleMs, url) {
  console.log(await get(`${url}?n=1`));
  await new Promise((done) => setTimeout(done, idleMs));
  console.log(await get(`${url}?n=2`));
}

async function many(count, url) {
  const all = Array.from({ length: count }, (_, i) => get(`${url}?n=${i + 1}`));
  console.log(...await Promise.all(all));
}

const [first, second, third] = process.argv.slice(2);
const work = first === 'race' ? race(Number(second), third) : many(Number(first), second);
work.then(() => agent.destroy());
