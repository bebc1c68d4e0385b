/** Where a state stands among its neighbours: rows of a map of equal squares. */
export const TILES: Readonly<Record<'BR' | 'US', readonly string[]>> = {
  BR: [
    '.. .. RR AP .. .. ..',
    '.. AM PA MA CE RN ..',
    'AC RO TO PI PE PB ..',
    '.. MT GO DF BA AL SE',
    '.. MS SP MG ES .. ..',
    '.. PR RJ .. .. .. ..',
    '.. SC .. .. .. .. ..',
    '.. RS .. .. .. .. ..',
  ],
  US: [
    '.. .. .. .. .. .. .. .. .. .. ME',
    'AK .. .. .. .. .. .. .. .. VT NH',
    '.. WA ID MT ND MN IL WI MI NY MA',
    '.. OR NV WY SD IA IN OH PA NJ RI',
    '.. CA UT CO NE MO KY WV VA MD CT',
    '.. .. AZ NM KS AR TN NC SC DC DE',
    '.. .. .. .. OK LA MS AL GA .. ..',
    'HI .. .. .. TX .. .. .. .. FL ..',
  ],
};
