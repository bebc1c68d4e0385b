process.env['SLUICE_HOME'] = '/tmp/bp-home';
const { benchDashboards, benchGrid } = await import('/work/wt/lead/bench/pages.ts');
console.log(JSON.stringify(await benchDashboards(), null, 1));
