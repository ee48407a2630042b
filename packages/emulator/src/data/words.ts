export const TENANT_NAMES = [
  "Northline Trade Events",
  "Harbor & Pine Exhibitions",
  "Meridian Expo Group",
  "Cobalt Show Management",
  "Fairground Partners",
  "Lakeshore Conventions",
];

export const SHOW_NAMES = [
  "Packaging Forward",
  "Coastal Boat & Marine Show",
  "AgriField Expo",
  "Smart Building Summit",
  "Specialty Food Fair",
  "Medical Devices Live",
  "Warehouse & Robotics Week",
  "Outdoor Living Market",
  "Print & Sign Expo",
  "Clean Energy Forum",
];

export const SHOW_YEARS = [2026, 2027];

export const COMPANY_FIRST = [
  "Alder",
  "Bluepeak",
  "Brightwater",
  "Cedarline",
  "Copperfield",
  "Drayton",
  "Eastgate",
  "Ferrous",
  "Granite",
  "Halcyon",
  "Ironbridge",
  "Juniper",
  "Kestrel",
  "Larkspur",
  "Mossvale",
  "Northwind",
  "Oakmere",
  "Pinnacle",
  "Quarry",
  "Redfern",
  "Silverton",
  "Tidewater",
  "Umber",
  "Vantage",
  "Westbrook",
  "Yarrow",
];

export const COMPANY_SECOND = [
  "Automation",
  "Controls",
  "Displays",
  "Equipment",
  "Filtration",
  "Foods",
  "Instruments",
  "Logistics",
  "Materials",
  "Packaging",
  "Robotics",
  "Systems",
];

export const COMPANY_FORMS = ["Inc.", "LLC", "Ltd.", "GmbH", "Co.", "Group"];

export const FIRST_NAMES = [
  "Amara",
  "Beatriz",
  "Chen",
  "Daniel",
  "Elena",
  "Farid",
  "Grace",
  "Hiro",
  "Ingrid",
  "Jonas",
  "Katarzyna",
  "Luis",
  "Mei",
  "Nadia",
  "Oliver",
  "Priya",
  "Rafael",
  "Sofia",
  "Tomas",
  "Yusuf",
];

export const LAST_NAMES = [
  "Almeida",
  "Bergström",
  "Castillo",
  "Dubois",
  "Eriksen",
  "Fischer",
  "García",
  "Haddad",
  "Ivanova",
  "Johansson",
  "Kowalski",
  "Lindqvist",
  "Moreau",
  "Nakamura",
  "O'Connor",
  "Patel",
  "Rossi",
  "Schneider",
  "Tanaka",
  "Walker",
];

export const PLACES = [
  { country: "US", city: "Columbus", phone: "+1 614 555" },
  { country: "US", city: "Las Vegas", phone: "+1 702 555" },
  { country: "CA", city: "Hamilton", phone: "+1 905 555" },
  { country: "DE", city: "Nürnberg", phone: "+49 911 555" },
  { country: "NL", city: "Eindhoven", phone: "+31 40 555" },
  { country: "IT", city: "Bologna", phone: "+39 051 555" },
  { country: "JP", city: "Nagoya", phone: "+81 52 555" },
  { country: "MX", city: "Monterrey", phone: "+52 81 555" },
];

export const CATEGORIES = [
  "Assembly",
  "Cold Chain",
  "Conveying",
  "Labeling",
  "Machine Vision",
  "Maintenance",
  "Point of Sale",
  "Process Control",
  "Safety",
  "Software",
  "Sustainability",
  "Testing",
];

export const STATUSES = ["Confirmed", "Confirmed", "Confirmed", "Confirmed", "Pending", "Cancelled"] as const;

export const STRENGTHS = [
  "short lead times",
  "on-site training",
  "lifetime spare parts",
  "a live demo every hour",
  "low energy use",
  "easy cleaning",
];
