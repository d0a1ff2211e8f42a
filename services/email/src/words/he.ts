import type { Words } from './words.ts'

/** A name within a sentence: one of another script is not to turn what stands around it (FSI and PDI of Unicode). */
const apart = (name: string) => `\u2068${name}\u2069`

export const he: Words = {
  locale: 'he',
  dir: 'rtl',
  confirmed: {
    subject: restaurant => `ההזמנה אושרה: ${restaurant}`,
    heading: 'ההזמנה שלך אושרה',
    lead: restaurant => `ההזמנה שלך התקבלה במסעדת ${apart(restaurant)}.`,
    link: 'מעקב אחר ההזמנה',
    closing: 'בתיאבון!',
  },
  declined: {
    subject: restaurant => `ההזמנה לא שולמה: ${restaurant}`,
    heading: 'לא ניתן היה לחייב על ההזמנה',
    lead: (why, restaurant) => `${why} לא חויבת, ומסעדת ${apart(restaurant)} לא תכין את ההזמנה הזו.`,
    link: 'תשלום בכרטיס אחר',
    closing: 'נשמח לקבל הזמנה חדשה בכרטיס אחר.',
  },
  charged: (card, amount) => `${card} חויב בסך ${amount}.`,
  card: last4 => (last4 ? `הכרטיס שלך המסתיים בספרות ${last4}` : 'הכרטיס שלך'),
  delivery: 'משלוח',
  pickup: 'איסוף עצמי',
  soon: 'בהקדם האפשרי',
  labels: {
    tip: 'טיפ',
    total: 'סך הכול',
    fulfilment: 'אופן הקבלה',
    address: 'כתובת',
    time: 'מועד',
    name: 'שם',
    phone: 'טלפון',
    note: 'הערה',
    paidWith: 'אמצעי התשלום',
    notCharged: 'לא חויב',
    payment: 'מספר תשלום',
    order: 'מספר הזמנה',
  },
}
