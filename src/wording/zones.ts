import type { Locale } from './locale.ts';

/** By whose clock: in English the city, in Russian its genitive after `по времени`, in Chinese the city. */
const CITIES: Record<string, readonly [ru: string, zh: string]> = {
  'Europe/Kaliningrad': ['Калининграда', '加里宁格勒'],
  'Europe/Moscow': ['Москвы', '莫斯科'],
  'Europe/Samara': ['Самары', '萨马拉'],
  'Asia/Yekaterinburg': ['Екатеринбурга', '叶卡捷琳堡'],
  'Asia/Omsk': ['Омска', '鄂木斯克'],
  'Asia/Novosibirsk': ['Новосибирска', '新西伯利亚'],
  'Asia/Krasnoyarsk': ['Красноярска', '克拉斯诺亚尔斯克'],
  'Asia/Irkutsk': ['Иркутска', '伊尔库茨克'],
  'Asia/Yakutsk': ['Якутска', '雅库茨克'],
  'Asia/Vladivostok': ['Владивостока', '符拉迪沃斯托克'],
  'Asia/Magadan': ['Магадана', '马加丹'],
  'Asia/Kamchatka': ['Камчатки', '堪察加'],
  'Europe/London': ['Лондона', '伦敦'],
  'Europe/Dublin': ['Дублина', '都柏林'],
  'Europe/Riga': ['Риги', '里加'],
  'Europe/Vilnius': ['Вильнюса', '维尔纽斯'],
  'Europe/Tallinn': ['Таллина', '塔林'],
  'Europe/Kyiv': ['Киева', '基辅'],
  'Europe/Kiev': ['Киева', '基辅'],
  'Europe/Minsk': ['Минска', '明斯克'],
  'Europe/Warsaw': ['Варшавы', '华沙'],
  'Europe/Berlin': ['Берлина', '柏林'],
  'Europe/Paris': ['Парижа', '巴黎'],
  'Asia/Almaty': ['Алматы', '阿拉木图'],
  'Asia/Bishkek': ['Бишкека', '比什凯克'],
  'Asia/Tashkent': ['Ташкента', '塔什干'],
  'Asia/Tbilisi': ['Тбилиси', '第比利斯'],
  'Asia/Yerevan': ['Еревана', '埃里温'],
  'Asia/Bangkok': ['Бангкока', '曼谷'],
  'Asia/Kolkata': ['Индии', '印度'],
  'Asia/Shanghai': ['Пекина', '北京'],
  'Asia/Hong_Kong': ['Гонконга', '香港'],
  'Asia/Tokyo': ['Токио', '东京'],
  'America/New_York': ['Нью-Йорка', '纽约'],
  'America/Chicago': ['Чикаго', '芝加哥'],
  'America/Denver': ['Денвера', '丹佛'],
  'America/Los_Angeles': ['Лос-Анджелеса', '洛杉矶'],
  'America/Toronto': ['Торонто', '多伦多'],
};

/** A zone as a part of `… time`: `Moscow`, `Москвы`, `莫斯科`; the zone's own name where no city is known. */
export function zoneCity(locale: Locale, zone: string): string {
  if (locale !== 'en') return CITIES[zone]?.[locale === 'ru' ? 0 : 1] ?? zone;
  return CITIES[zone] ? zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ') : zone;
}
