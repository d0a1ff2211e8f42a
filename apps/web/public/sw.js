// Shows a page of the site where the browser would show one of its own, in the language that the site was read in last:
// each has a worker of its own, `sw.js?lang=he`. All else is the network's.
const pages = { en: '/offline.html', he: '/offline.he.html' }
const page = pages[new URL(self.location.href).searchParams.get('lang')] ?? pages.en
const cacheName = 'offline-2'
const files = [...Object.values(pages), '/offline.css']

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
  if (mode === 'navigate') event.respondWith(fetch(event.request).catch(() => caches.match(page)))
  else if (new URL(url).pathname === '/offline.css')
    event.respondWith(fetch(event.request).catch(() => caches.match('/offline.css')))
})
