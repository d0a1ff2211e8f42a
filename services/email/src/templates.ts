/** Made by `npm run format` from template.ts. */
export const templates = {
  mail: `<!doctype html><html dir="{{direction}}" lang="{{language}}"><head><meta name="viewport" content="width=device-width"/><meta content="text/html; charset=UTF-8" http-equiv="Content-Type"/><meta name="x-apple-disable-message-reformatting"/><meta name="color-scheme" content="light dark"/><meta name="supported-color-schemes" content="light dark"/><title>{{subject}}</title><style>
:root { color-scheme: light dark; supported-color-schemes: light dark }
.confirmed { color: #4d5a1e }
.declined { color: #9f1c1c }
@media (prefers-color-scheme: dark) {
  .paper { background-color: #1a1310 !important }
  .card { background-color: #211813 !important; border-color: #f2976f #45362d #45362d !important }
  .line { border-color: #45362d !important }
  .ink { color: #f6ece0 !important }
  .soft { color: #cbb8a6 !important }
  .brand { color: #f2976f !important }
  .confirmed { color: #bccb80 !important }
  .declined { color: #ffa198 !important }
  .button { background-color: #f2976f !important; color: #211813 !important }
}
@media (max-width: 480px) {
  .pad { padding-left: 20px !important; padding-right: 20px !important }
}
</style>
</head>
<body class="paper" lang="{{language}}" dir="{{direction}}" style="background-color:#fdf8f0;margin:0;padding:0"><table border="0" width="100%" cellPadding="0" cellSpacing="0" role="presentation" align="center"><tbody><tr><td dir="{{direction}}" lang="{{language}}" style="background-color:#fdf8f0;margin:0;padding:0"><div style="display:none;overflow:hidden;line-height:1px;opacity:0;max-height:0;max-width:0" data-skip-in-text="true">{{preview}}</div><table align="center" width="100%" border="0" cellPadding="0" cellSpacing="0" role="presentation"><tbody><tr><td class="paper" style="background-color:#fdf8f0;padding:24px 8px"><table align="center" width="100%" class="card" dir="{{direction}}" border="0" cellPadding="0" cellSpacing="0" role="presentation" style="max-width:560px;background-color:#ffffff;border:1px solid #e3d3bd;border-top:6px solid #a83a1a;border-radius:12px"><tbody><tr><td><table align="center" width="100%" border="0" cellPadding="0" cellSpacing="0" role="presentation"><tbody><tr><td class="pad ink" style="padding:22px 28px 26px;color:#2b1a12;font:16px/24px Inter,Helvetica,Arial,sans-serif"><p class="brand" style="font-size:16px;line-height:24px;margin:0 0 14px;color:#a83a1a;font-weight:700;margin-top:0;margin-right:0;margin-bottom:14px;margin-left:0">Kafka Restaurants</p><h1 class="{{outcome}}" style="margin:0;font-size:26px;line-height:32px">{{heading}}</h1><p style="font-size:16px;line-height:24px;margin:10px 0 14px;margin-top:10px;margin-right:0;margin-bottom:14px;margin-left:0">{{lead}}</p><table role="presentation" width="100%" border="0" cellPadding="0" cellSpacing="0"><tbody>[[costs]][[total]]</tbody></table>[[link]]<table role="presentation" width="100%" border="0" cellPadding="0" cellSpacing="0" style="font-size:14px;line-height:20px"><tbody>[[facts]]</tbody></table><p style="font-size:16px;line-height:24px;margin:18px 0 0;margin-top:18px;margin-right:0;margin-bottom:0;margin-left:0">{{closing}}</p></td></tr>
</tbody></table></td></tr>
</tbody></table></td></tr>
</tbody></table></td></tr>
</tbody></table></body></html>`,
  cost: `<tr><td class="line" style="padding:8px 0;vertical-align:top;border-bottom:1px solid #e3d3bd"><bdi>{{name}}</bdi></td><td class="line" align="{{end}}" style="padding:8px 0;vertical-align:top;border-bottom:1px solid #e3d3bd;white-space:nowrap;width:1%;padding-inline-start:14px"><bdi>{{value}}</bdi></td></tr>`,
  total: `<tr><td class="line" style="padding:8px 0;vertical-align:top;border-bottom:none;font-weight:700"><bdi>{{name}}</bdi></td><td class="line" align="{{end}}" style="padding:8px 0;vertical-align:top;border-bottom:none;white-space:nowrap;width:1%;padding-inline-start:14px;font-weight:700"><bdi>{{value}}</bdi></td></tr>`,
  fact: `<tr><td class="soft" style="padding:3px 0;vertical-align:top;width:34%;color:#6b5446">{{name}}</td><td style="padding:3px 0;vertical-align:top;word-break:break-word"><bdi>{{value}}</bdi></td></tr>`,
  link: `<table align="center" width="100%" border="0" cellPadding="0" cellSpacing="0" role="presentation" style="margin:16px 0"><tbody><tr><td><a class="button" href="{{url}}" style="line-height:100%;text-decoration:none;display:inline-block;max-width:100%;mso-padding-alt:0px;background-color:#a83a1a;color:#ffffff;font-weight:600;padding:14px 26px;border-radius:26px;padding-top:14px;padding-right:26px;padding-bottom:14px;padding-left:26px" target="_blank"><span><!--[if mso]><i style="mso-font-width:433.3333333333333%;mso-text-raise:21px" hidden>&#8202;&#8202;&#8202;</i><![endif]--></span><span style="max-width:100%;display:inline-block;line-height:120%;mso-padding-alt:0px;mso-text-raise:10.5px">{{label}}</span><span><!--[if mso]><i style="mso-font-width:433.3333333333333%" hidden>&#8202;&#8202;&#8202;&#8203;</i><![endif]--></span></a></td></tr>
</tbody></table>`,
}
