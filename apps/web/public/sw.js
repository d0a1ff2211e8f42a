// Shows offline.html where the browser would show a page of its own. All else is the network's.
const cacheName = 'offline-1'
const files = ['/offline.html', '/offline.css']

self.addEventListener('install', event => {
  event.waitUntil(caches.open(cacheName).then(cache => cache.addAll(files)))
  self.skipWaiting()
})
self.addEventListener('activate', event => {
  const others = caches.keys().then(names => names.filter(name => name !== cacheName))
  event.waitUntil(others.then(names => Promise.all(names.map(name => caches.delete(name)))))
})
self.addEventListener('fetch', event => {
  const { mode, url } = event.request
  if (mode === 'navigate') event.respondWith(fetch(event.request).catch(() => caches.match('/offline.html')))
  else if (new URL(url).pathname === '/offline.css')
    event.respondWith(fetch(event.request).catch(() => caches.match('/offline.css')))
})
