/** A city with its postal codes (first five digits) and its centre in millionths of a degree. */
export interface Place {
  readonly city: string;
  /** Other spellings that turn up among the points: accented, broken, abbreviated. */
  readonly spellings: readonly string[];
  readonly state: string;
  readonly firstZip: number;
  readonly lastZip: number;
  readonly latitude: number;
  readonly longitude: number;
}

/** Broken the way UTF-8 read as Latin-1 is. */
function mojibake(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function place(
  accented: string,
  state: string,
  zips: readonly [first: number, last: number],
  centre: readonly [latitude: number, longitude: number],
  ...spellings: readonly string[]
): Place {
  const city = accented.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
  const broken = city === accented ? [] : [accented, mojibake(accented)];
  return {
    city,
    spellings: [...broken, ...spellings],
    state,
    firstZip: zips[0],
    lastZip: zips[1],
    latitude: centre[0],
    longitude: centre[1],
  };
}

/** Every state's capital and some large cities, each with its share of the customers in thousandths. */
export const places: readonly (readonly [Place, weight: number])[] = [
  [place('são paulo', 'SP', [1001, 5899], [-23550500, -46633300], 'sp', 'sao paulo - sp'), 240],
  [place('campinas', 'SP', [13010, 13139], [-22905600, -47060800]), 40],
  [place('guarulhos', 'SP', [7010, 7399], [-23453800, -46533300]), 40],
  [place('santos', 'SP', [11010, 11099], [-23960800, -46333600]), 25],
  [place('ribeirão preto', 'SP', [14010, 14109], [-21176700, -47820800]), 25],
  [place('embu das artes', 'SP', [6803, 6849], [-23648900, -46852300], 'embu'), 15],
  [
    place('rio de janeiro', 'RJ', [20010, 23799], [-22906800, -43172900], 'rio de janeiro, rio de janeiro'),
    95,
  ],
  [place('niterói', 'RJ', [24020, 24399], [-22883200, -43103400]), 25],
  [place('belo horizonte', 'MG', [30110, 31999], [-19916700, -43934500], 'bh'), 60],
  [place('uberlândia', 'MG', [38400, 38429], [-18914100, -48274900]), 25],
  [place('brasília', 'DF', [70040, 72799], [-15793900, -47882800], 'brasilia - df'), 40],
  [place('curitiba', 'PR', [80010, 82999], [-25428400, -49273300]), 40],
  [place('londrina', 'PR', [86010, 86109], [-23304500, -51169600]), 15],
  [place('porto alegre', 'RS', [90010, 91999], [-30034600, -51217700]), 35],
  [place('caxias do sul', 'RS', [95010, 95129], [-29168100, -51179400]), 15],
  [place('florianópolis', 'SC', [88010, 88099], [-27594900, -48548200]), 20],
  [place('joinville', 'SC', [89200, 89239], [-26304500, -48848700]), 15],
  [place('salvador', 'BA', [40010, 42499], [-12971400, -38501400]), 35],
  [place('feira de santana', 'BA', [44001, 44149], [-12266400, -38966300]), 10],
  [place('fortaleza', 'CE', [60010, 61599], [-3731900, -38526700]), 25],
  [place('recife', 'PE', [50010, 52999], [-8047600, -34877000]), 25],
  [place('goiânia', 'GO', [74003, 74899], [-16686900, -49264800]), 25],
  [place('vitória', 'ES', [29010, 29099], [-20315500, -40312800]), 20],
  [place('belém', 'PA', [66010, 66999], [-1455800, -48490200]), 12],
  [place('manaus', 'AM', [69005, 69099], [-3119000, -60021700]), 8],
  [place('são luís', 'MA', [65010, 65109], [-2530700, -44306800]), 9],
  [place('cuiabá', 'MT', [78005, 78109], [-15601000, -56097400]), 9],
  [place('campo grande', 'MS', [79002, 79129], [-20469700, -54620100]), 9],
  [place('natal', 'RN', [59010, 59139], [-5794500, -35211000]), 7],
  [place('joão pessoa', 'PB', [58010, 58099], [-7119500, -34845000]), 7],
  [place('maceió', 'AL', [57010, 57099], [-9649800, -35708900]), 6],
  [place('aracaju', 'SE', [49010, 49099], [-10947200, -37073100]), 5],
  [place('teresina', 'PI', [64000, 64099], [-5089200, -42801900]), 5],
  [place('palmas', 'TO', [77001, 77249], [-10184400, -48333600]), 4],
  [place('porto velho', 'RO', [76801, 76834], [-8761200, -63900400]), 4],
  [place('rio branco', 'AC', [69900, 69924], [-9974700, -67810000]), 2],
  [place('macapá', 'AP', [68900, 68914], [34900, -51069400]), 2],
  [place('boa vista', 'RR', [69301, 69339], [2823500, -60675800]), 1],
];
